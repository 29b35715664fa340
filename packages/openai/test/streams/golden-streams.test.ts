import { createChatAggregate } from "@remem/core/plugin";
import { expect, test } from "vitest";
import { parseBody } from "../../src/body/parse-body.ts";
import { rows, summaryOf } from "./streams.ts";

test.each(rows.filter(({ choices }) => choices !== undefined))(
  "an aggregate has all that was received, whether complete or not: $name",
  (row) => {
    const body = parseBody(row.stream);
    const data = "events" in body ? body.events.map((event) => event.data) : [];
    const done = data.indexOf("[DONE]");
    const chunks = data.slice(0, done === -1 ? undefined : done).filter((text) => text !== "{oops");
    const aggregate = createChatAggregate();
    for (const text of chunks) aggregate.add(JSON.parse(text));
    expect(summaryOf(aggregate.answer(), row)).toEqual(row.choices);
    expect(aggregate.answer().usage ?? null).toEqual(row.usage);
    expect(aggregate.isComplete()).toBe(row.complete);
  },
);
