import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { changeToken } from "../state/token.ts";

/** Asks for a token. `problem` is the problem of the previous token. */
export function TokenForm({ problem }: { readonly problem: string | undefined }): JSX.Element {
  const text = useSignal("");
  const token = text.value.trim();
  const canBeSent = /^[\x21-\x7e]+$/.test(token);
  return (
    <main class="refusal">
      <h1>Your token</h1>
      {problem !== undefined && (
        <p class="problem" role="alert">
          {problem}
        </p>
      )}
      <form
        class="token"
        onSubmit={(event) => {
          event.preventDefault();
          if (canBeSent) changeToken(token);
        }}
      >
        <label for="token">The token that your programs send to this gateway as their API key</label>
        <input
          id="token"
          type="password"
          autocomplete="off"
          spellcheck={false}
          autofocus
          value={text.value}
          onInput={(event) => {
            text.value = event.currentTarget.value;
          }}
        />
        <button type="submit" class="button strong" disabled={!canBeSent}>
          Open
        </button>
      </form>
      <p class="note">This page keeps it in this tab, and forgets it when you close the tab.</p>
    </main>
  );
}
