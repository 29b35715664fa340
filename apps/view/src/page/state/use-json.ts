import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { getJson, messageOf } from "./api.ts";

interface Asked<Answer> {
  /** The answer. Undefined until it has arrived. */
  readonly found: Answer | undefined;
  /** The problem, or "". */
  readonly problem: string;
}

/** Asks for JSON when a component is shown, and anew when the path changes. */
export function useJson<Answer>(path: string): Asked<Answer> {
  const found = useSignal<Answer | undefined>(undefined);
  const problem = useSignal("");
  useEffect(() => {
    const own = new AbortController();
    found.value = undefined;
    problem.value = "";
    getJson<Answer>(path, own.signal).then(
      (answer) => {
        found.value = answer;
      },
      (error: unknown) => {
        if (!own.signal.aborted) problem.value = messageOf(error);
      },
    );
    return () => own.abort();
  }, [path]);
  return { found: found.value, problem: problem.value };
}
