import type { StreamFormat } from "../surfaces/http-surface.ts";

/** One JSON array, which the server sends element by element: each element is a chunk. */
export const jsonArray: StreamFormat = {
  contentType: "application/json; charset=utf-8",
  reader() {
    let element = "";
    let depth = 0;
    let isInString = false;
    let isEscaped = false;
    let isClosed = false;

    /** Notes what a character opens or closes, and returns whether it ends an element. */
    function endsElement(character: string): boolean {
      if (isInString) {
        if (isEscaped) isEscaped = false;
        else if (character === "\\") isEscaped = true;
        else if (character === '"') isInString = false;
      } else if (character === '"') isInString = true;
      else if (character === "[" || character === "{") depth += 1;
      else if (character === "]" || character === "}") {
        depth -= 1;
        isClosed = depth === 0;
        return depth === 1;
      }
      return false;
    }

    return {
      push(text) {
        const chunks: object[] = [];
        let start = 0;
        for (let at = 0; at < text.length; at++) {
          const before = depth;
          const ends = endsElement(text.charAt(at));
          if (before === 1 && depth === 2) start = at;
          if (!ends) continue;
          chunks.push(JSON.parse(element + text.slice(start, at + 1)));
          element = "";
        }
        if (depth > 1) element += text.slice(start);
        return chunks;
      },
      flush() {
        if (!isClosed) throw new SyntaxError("The body ends within its JSON array.");
        return [];
      },
    };
  },
  start: "[",
  write: (chunk) => JSON.stringify(chunk),
  between: ",\r\n",
  end: "]",
};
