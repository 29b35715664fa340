/** A form with a file that is streamed. Its length is known in advance, because some servers refuse a body without a length. */
export interface Form {
  readonly headers: Readonly<Record<string, string>>;
  body(): ReadableStream<Uint8Array>;
}

interface FormFile {
  readonly name: string;
  readonly bytes: number;
  /** The lines of the file, without line breaks. */
  lines(): AsyncIterable<string>;
}

/** How much text is written to the connection at once. */
const PIECE_CHARACTERS = 64 * 1024;

/** Writes a form (RFC 7578). `boundary` must be in no line. */
export function formOf(boundary: string, fields: Readonly<Record<string, string>>, file: FormFile): Form {
  const parts = Object.entries(fields).map(
    ([name, value]) => `--${boundary}\r\ncontent-disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`,
  );
  const head = `${parts.join("")}--${boundary}\r\ncontent-disposition: form-data; name="file"; filename="${file.name}"\r\ncontent-type: application/jsonl\r\n\r\n`;
  const tail = `\r\n--${boundary}--\r\n`;

  async function* pieces(): AsyncGenerator<Uint8Array, void, undefined> {
    let text = head;
    for await (const line of file.lines()) {
      text += `${line}\n`;
      if (text.length < PIECE_CHARACTERS) continue;
      yield Buffer.from(text);
      text = "";
    }
    yield Buffer.from(text + tail);
  }
  return {
    headers: {
      "content-type": `multipart/form-data; boundary=${boundary}`,
      "content-length": String(Buffer.byteLength(head) + file.bytes + Buffer.byteLength(tail)),
    },
    body: () => ReadableStream.from(pieces()) as ReadableStream<Uint8Array>,
  };
}
