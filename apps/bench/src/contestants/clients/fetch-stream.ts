import type { Open } from "../../contestant.ts";
import { firstTextIn } from "../over-fetch/first-text.ts";
import { fetchOver, NOWHERE } from "../over-fetch/over-fetch.ts";

/** Reads a stream up to the first chunk with text. */
export const open: Open = async (setting) => {
  const fetch = fetchOver(setting);
  return {
    async ask(request) {
      const response = await fetch(`${NOWHERE}/chat/completions`, {
        method: "POST",
        headers: { "content-type": "application/json", authorization: "Bearer none" },
        body: JSON.stringify({ ...request, stream: true }),
      });
      return firstTextIn(response);
    },
    close: () => fetch.close(),
  };
};
