import type { JSX } from "preact";
import { isHelpOpen, KEYS } from "../state/keyboard.ts";
import { Dialog } from "./dialog.tsx";

/** The list of keys. */
export function Help(): JSX.Element {
  const close = (): void => {
    isHelpOpen.value = false;
  };
  return (
    <Dialog title="Keys" onClose={close}>
      <dl class="keys">
        {KEYS.map(([keys, does]) => (
          <div key={does}>
            <dt>
              {keys.map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dt>
            <dd>{does}</dd>
          </div>
        ))}
      </dl>
      <form method="dialog" class="dialog-buttons">
        <button type="submit" class="button">
          Close
        </button>
      </form>
    </Dialog>
  );
}
