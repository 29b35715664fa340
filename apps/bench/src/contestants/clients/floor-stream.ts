import { memoryStore } from "@remem/core";
import type { Open } from "../../contestant.ts";
import { firstTextIn } from "../over-fetch/first-text.ts";
import { clientOver } from "../remem.ts";

/** A hit of `infer`, and what every client of a stream does besides. The stream has one chunk, which is the least there can be. */
export const open: Open = async (setting) => {
  const client = clientOver(memoryStore(), setting);
  return {
    async ask(request) {
      JSON.stringify({ ...request, stream: true });
      const { messages, model, seed, temperature } = request;
      const { completion } = await client.infer(messages, { model, seed, temperature });
      const [choice] = completion.choices;
      const choices = [{ index: 0, delta: choice!.message, finish_reason: choice!.finish_reason }];
      const chunk = JSON.stringify({ ...completion, object: "chat.completion.chunk", choices });
      const headers = { "content-type": "text/event-stream" };
      return firstTextIn(new Response(`data: ${chunk}\n\ndata: [DONE]\n\n`, { headers }));
    },
    close: () => client.close(),
  };
};
