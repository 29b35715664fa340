import { questionIn, RESPONSE, SAID } from "./view-texts.ts";

/** The name of the view. */
export const VIEW = "remem_view";

/** Grows with each change of the view. The first views had no revision. */
const REVISION = 2;

/** A column of `remem_entries`, as `toStoredText` encodes it. A BLOB is compressed, and SQL cannot read it. */
const textOf = (column: string): string => `
  CASE WHEN typeof(${column}) <> 'text' THEN NULL
       WHEN substr(${column}, 1, 1) <> '"' THEN ${column}
       WHEN json_valid(${column}) THEN json_extract(${column}, '$') END`;

/** JSON, or NULL for any other text: functions for JSON would fail for the whole query. */
const json = (text: string): string => `CASE WHEN json_valid(${text}) THEN ${text} END`;

const isoTime = (milliseconds: string): string =>
  `strftime('%Y-%m-%dT%H:%M:%S', ${milliseconds} / 1000, 'unixepoch') || printf('.%03dZ', ${milliseconds} % 1000)`;

/** The position in the first line of an entry after its version and its digest. */
const GUARDED_AT = "remem/1 ".length + 64 + 2;

const SURFACE = "coalesce(json_extract(request, '$.remem.surface'), 'chat')";

const member = (path: string): string => `json_extract(answer, '$.${path}')`;

/** The first of these members that the answer has. */
const first = (...paths: readonly string[]): string => `coalesce(${paths.map(member).join(", ")})`;

/** The sum of a required number, and of others that may be left out. */
const sum = (path: string, ...others: readonly string[]): string =>
  [member(path), ...others.map((other) => `coalesce(${member(other)}, 0)`)].join(" + ");

/**
 * Creates a view of the entries for programs that read SQL: times as ISO text, the rest as text, numbers and JSON. Compressed
 * or damaged values are NULL. The view follows the format of an entry (`encodeEntry` of core).
 */
export const CREATE_VIEW: string = `
  CREATE VIEW IF NOT EXISTS ${VIEW} /* ${REVISION} */ AS
  WITH
    texts AS (
      SELECT ${textOf("key")} AS key, expires_at, ${textOf("value")} AS value, ${textOf("sidecar")} AS sidecar
      FROM remem_entries
      WHERE expires_at IS NULL OR expires_at > CAST(strftime('%s', 'now') AS INTEGER) * 1000
    ),
    lines AS (
      SELECT key, expires_at, sidecar,
        CASE WHEN substr(value, 1, 8) = 'remem/1 ' THEN substr(value, ${GUARDED_AT}, instr(value, char(10)) - ${GUARDED_AT}) END AS head,
        CASE WHEN substr(value, 1, 8) = 'remem/1 ' THEN substr(value, instr(value, char(10)) + 1) END AS rest
      FROM texts
    ),
    parts AS (
      SELECT key, expires_at,
        CAST(substr(head, 1, instr(head, ' ') - 1) AS INTEGER) AS created_ms,
        CASE WHEN instr(rest, char(10)) > 0 THEN substr(rest, 1, instr(rest, char(10)) - 1) ELSE rest END AS answer,
        coalesce(sidecar, CASE WHEN instr(rest, char(10)) > 0 THEN substr(rest, instr(rest, char(10)) + 1) END) AS request
      FROM lines
    ),
    checked AS (
      SELECT key, expires_at, created_ms, ${json("answer")} AS answer, ${json("request")} AS request FROM parts
    ),
    asked AS (SELECT *, ${SAID} AS said FROM checked)
  SELECT
    key,
    CASE WHEN created_ms > 0 THEN ${isoTime("created_ms")} END AS created_at,
    CASE WHEN expires_at IS NOT NULL THEN ${isoTime("expires_at")} END AS expires_at,
    coalesce(nullif(json_extract(request, '$.model'), ''), nullif(${first("model", "modelVersion")}, '')) AS model,
    CASE WHEN request IS NOT NULL THEN ${SURFACE} END AS surface,
    json_extract(request, '$.remem.scope') AS scope,
    CASE WHEN request IS NOT NULL THEN coalesce(json_extract(request, '$.remem.sample'), 0) END AS sample,
    ${questionIn("request", "said")} AS question,
    json_extract(request, said) AS prompt,
    json_remove(request, coalesce(said, '$.remem'), '$.model', '$.remem') AS parameters,
    ${RESPONSE} AS response,
    coalesce(
      ${first("choices[0].finish_reason", "stop_reason", "candidates[0].finishReason", "done_reason")},
      CASE WHEN json_type(answer, '$.output') = 'array' THEN ${first("incomplete_details.reason", "status")} END
    ) AS finish_reason,
    coalesce(
      ${first("usage.prompt_tokens", "usageMetadata.promptTokenCount", "prompt_eval_count")},
      ${sum("usage.input_tokens", "usage.cache_creation_input_tokens", "usage.cache_read_input_tokens")}
    ) AS prompt_tokens,
    coalesce(
      ${first("usage.completion_tokens", "usage.output_tokens", "eval_count")},
      ${sum("usageMetadata.candidatesTokenCount", "usageMetadata.thoughtsTokenCount")}
    ) AS completion_tokens,
    json_remove(answer, '$.remem') AS answer,
    json_remove(request, '$.remem') AS request
  FROM asked;
`;

/** Whether the definition of a view, as a file has it, is of an earlier revision. */
export function isEarlier(definition: string): boolean {
  const [, revision = "1"] = /^[^/]*\/\* (\d+) \*\//.exec(definition.slice(0, 100)) ?? [];
  return Number(revision) < REVISION;
}
