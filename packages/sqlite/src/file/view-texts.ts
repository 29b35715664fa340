// The conversations of requests and answers in SQL, for the view, as the `texts` of the surfaces are in TypeScript. An answer
// is recognized by its shape, because it may have been stored without its request. `json_extract` must get JSON in each case:
// otherwise it fails the whole query.

/** The texts of a value that is a text, or a list of texts and of objects with a text. Thoughts are left out. */
const textsIn = (json: string, path: string, between: string): string => `(
  SELECT group_concat(
    CASE part.type
      WHEN 'text' THEN part.atom
      WHEN 'object' THEN CASE WHEN json_extract(part.value, '$.thought') IS NOT 1
        THEN coalesce(json_extract(part.value, '$.text'), json_extract(part.value, '$.refusal')) END
    END, ${between})
  FROM json_each(${json}, '${path}') AS part
  WHERE typeof(part.key) <> 'text')`;

/** The path of the conversation in a request. */
export const SAID: string = `CASE ${["messages", "contents", "input", "prompt", "content"]
  .map((name) => `WHEN json_type(request, '$.${name}') IS NOT NULL THEN '$.${name}'`)
  .join(" ")} END`;

const LINE_BREAK = "char(10)";

/** Whether an item of the conversation is the user's. Gemini's have parts, and need no role. */
const IS_OF_USER = `CASE item.type WHEN 'text' THEN 1
  WHEN 'object' THEN coalesce(json_extract(item.value, '$.role') = 'user', json_type(item.value, '$.parts') IS NOT NULL)
  ELSE 0 END`;

/** The question: the last text of the user, or the last of any other role, or JSON. */
export const questionIn = (request: string, said: string): string => `coalesce(
  (SELECT text FROM (
      SELECT item.key AS place, ${IS_OF_USER} AS is_of_user,
        CASE item.type
          WHEN 'text' THEN item.atom
          WHEN 'object' THEN coalesce(
            ${textsIn("item.value", "$.content", LINE_BREAK)},
            ${textsIn("item.value", "$.parts", LINE_BREAK)},
            json_extract(item.value, '$.text'))
        END AS text
      FROM json_each(${request}, ${said}) AS item
      WHERE typeof(item.key) <> 'text')
    WHERE text IS NOT NULL ORDER BY is_of_user DESC, place DESC LIMIT 1),
  ${textsIn(request, "$.content.parts", LINE_BREAK)},
  json_extract(${request}, ${said}))`;

const answerTexts = (path: string): string => textsIn("answer", path, "''");

const RESPONSES_TEXT = `(
  SELECT group_concat(text, '') FROM (
    SELECT CASE item.type WHEN 'object' THEN
      CASE json_extract(item.value, '$.type') WHEN 'message' THEN ${textsIn("item.value", "$.content", "''")} END END AS text
    FROM json_each(answer, '$.output') AS item))`;

/** The length of a vector, which may be the base64 of numbers of four bytes. */
const vectorAt = (path: string): string => `
  CASE json_type(answer, '${path}')
    WHEN 'array' THEN json_array_length(answer, '${path}')
    WHEN 'text' THEN length(rtrim(json_extract(answer, '${path}'), '=')) * 3 / 16
  END`;

const VECTOR = ["$.data[0].embedding", "$.embeddings[0]", "$.embedding.values", "$.embedding"].map(vectorAt).join(",");

const MODERATION = `
  CASE json_type(answer, '$.results[0].flagged')
    WHEN 'false' THEN 'not flagged'
    WHEN 'true' THEN 'flagged' || coalesce(': ' || (
      SELECT group_concat(category.key, ', ') FROM json_each(answer, '$.results[0].categories') AS category
      WHERE category.type = 'true'), '')
  END`;

/** The text of the first choice. For an embedding, its length. For a moderation, the flagged categories. */
export const RESPONSE: string = `coalesce(
  ${answerTexts("$.choices[0].message.content")},
  json_extract(answer, '$.choices[0].message.refusal'),
  json_extract(answer, '$.choices[0].text'),
  ${answerTexts("$.content")},
  ${RESPONSES_TEXT},
  ${answerTexts("$.candidates[0].content.parts")},
  ${answerTexts("$.message.content")},
  json_extract(answer, '$.response'),
  coalesce(${VECTOR}) || ' numbers',
  ${MODERATION})`;
