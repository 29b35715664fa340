import type { ChatRequest } from "remem";

/** Counts the tokens of a request's prompt, as far as they are text. */
export interface TokenCounter {
  readonly isExact: boolean;
  count(request: ChatRequest): number;
}

/** The longest run without a blank that is counted as a whole: the tokenizer takes quadratic time. */
const LONGEST_RUN = 400;
const BYTES_PER_TOKEN = 4;
/** The tokens of a message besides its text: https://cookbook.openai.com/examples/how_to_count_tokens_with_tiktoken */
const PER_MESSAGE = 4;
const PER_REQUEST = 3;

/** The part of the tokenizer that is used. Its own declarations need those of a browser. */
interface Encoding {
  countTokens(text: string, options: { readonly disallowedSpecial: ReadonlySet<string> }): number;
}

const TOKENIZER: string = "gpt-tokenizer/encoding/o200k_base";

/** Counts by `gpt-tokenizer` if it is installed, and otherwise by the length of the text. */
export async function createTokenCounter(): Promise<TokenCounter> {
  const encoding = await (import(TOKENIZER) as Promise<Encoding>).catch(() => undefined);
  const countTokens = encoding && ((text: string) => encoding.countTokens(text, { disallowedSpecial: new Set() }));
  const inText = (text: string): number => {
    if (countTokens === undefined) return Math.ceil(Buffer.byteLength(text) / BYTES_PER_TOKEN);
    if (!/\S{400}/.test(text)) return countTokens(text);
    let sum = 0;
    for (let start = 0; start < text.length; start += LONGEST_RUN)
      sum += countTokens(text.slice(start, start + LONGEST_RUN));
    return sum;
  };
  return {
    isExact: countTokens !== undefined,
    count({ messages, tools }) {
      const texts = messages.flatMap(({ content, tool_calls }) => [...textsOf(content), ...json(tool_calls)]);
      const sum = [...texts, ...json(tools)].reduce((sum, text) => sum + inText(text), 0);
      return sum + messages.length * PER_MESSAGE + PER_REQUEST;
    },
  };
}

/** The texts of a content. Images and sounds have prices of their own. */
function textsOf(content: unknown): string[] {
  if (typeof content === "string") return [content];
  if (!Array.isArray(content)) return [];
  return content.flatMap((part) => (typeof part?.text === "string" ? [part.text] : []));
}

function json(value: unknown): string[] {
  return value === undefined || value === null ? [] : [JSON.stringify(value)];
}
