import { text } from "node:stream/consumers";
import { RememError } from "remem";
import { type ClientFlags, createClientFor } from "../flags/client-flags.ts";
import { shownOn } from "../output/terminal.ts";
import { whyNotStored } from "../progress/summary.ts";
import { INTERRUPTED, onInterrupt } from "./interrupt.ts";

/** Prints the answer to one question: its text, or the message as JSON if the model calls tools instead. */
export async function ask(question: string, flags: ClientFlags): Promise<number> {
  const content = question === "-" ? (await text(process.stdin)).trimEnd() : question;
  const client = createClientFor(flags);
  let interrupted = false;
  const unsubscribe = onInterrupt(() => {
    interrupted = true;
    console.error("remem: stopping; the call in flight gets 5 s, Ctrl-C again exits immediately");
    void client.close();
  });
  try {
    const { response, completion } = await client.infer([{ role: "user", content }]);
    const notStored = whyNotStored(client.stats().notStored);
    if (notStored !== undefined) console.error(`remem: answers not stored: ${notStored}`);
    const shown = response !== "" ? response : JSON.stringify(completion.choices[0]?.message);
    console.log(shownOn(process.stdout, shown));
    return interrupted ? INTERRUPTED : 0;
  } catch (error) {
    if (interrupted && RememError.is(error) && error.code === "CLIENT_CLOSED") return INTERRUPTED;
    throw error;
  } finally {
    unsubscribe();
    await client.close();
  }
}
