import { messageOf } from "@remem/core/plugin";

const encoder = new TextEncoder();

/** Answers with lines of JSON, made as fast as they are taken. The last one may be an error. */
export function lines(items: AsyncIterator<unknown>): Response {
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const { done, value } = await items.next();
        if (done) controller.close();
        else controller.enqueue(encoder.encode(`${JSON.stringify(value)}\n`));
      } catch (error) {
        controller.enqueue(encoder.encode(`${JSON.stringify({ error: messageOf(error) })}\n`));
        controller.close();
      }
    },
    async cancel() {
      await items.return?.();
    },
  });
  return new Response(body, { headers: { "content-type": "application/x-ndjson" } });
}
