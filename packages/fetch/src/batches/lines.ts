/** The lines of a body as they arrive, including a last line without a line break. Blank lines are left out. */
export async function* linesOf(
  body: ReadableStream<Uint8Array>,
  within: <T>(piece: Promise<T>) => Promise<T>,
): AsyncGenerator<string, void, undefined> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let rest = "";
  try {
    for (;;) {
      const { done, value } = await within(reader.read());
      const lines = (rest + (done ? decoder.decode() : decoder.decode(value, { stream: true }))).split("\n");
      rest = lines.pop()!;
      for (const line of lines) if (line.trim() !== "") yield line;
      if (done) break;
    }
    if (rest.trim() !== "") yield rest;
  } finally {
    reader.cancel().catch(() => {});
  }
}
