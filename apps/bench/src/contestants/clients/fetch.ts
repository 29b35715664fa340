import type { ChatCompletion } from "@remem/core";
import type { Open } from "../../contestant.ts";
import { fetchOver, NOWHERE } from "../over-fetch/over-fetch.ts";

export const open: Open = async (setting) => {
  const fetch = fetchOver(setting);
  return {
    async ask(request) {
      const response = await fetch(`${NOWHERE}/chat/completions`, {
        method: "POST",
        headers: { "content-type": "application/json", authorization: "Bearer none" },
        body: JSON.stringify(request),
      });
      const { choices } = (await response.json()) as ChatCompletion;
      return choices[0]!.message.content!;
    },
    close: () => fetch.close(),
  };
};
