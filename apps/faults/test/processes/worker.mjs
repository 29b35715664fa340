// Argument: options of createRemem as JSON, plus the `umask` of the process and `skewMs`, the error of its clock.
// Asks the questions that it is sent and sends their outcomes. Once told to close, it ends by itself.
import { createRemem } from "remem";

const { umask, skewMs, ...options } = JSON.parse(process.argv[2]);
if (umask !== undefined) process.umask(umask);
if (skewMs !== undefined) skewClock(skewMs);

const client = createRemem({
  ...options,
  onEvent: ({ type, key }) => say({ event: type, key }),
});
const aborts = new Map();

process.on("message", async ({ id, ask, abort, close }) => {
  if (abort !== undefined) return aborts.get(abort)?.abort();
  if (close) {
    await client.close();
    process.disconnect();
    return;
  }
  const controller = new AbortController();
  aborts.set(id, controller);
  say({ id, outcomes: await Promise.all(ask.map((content) => outcomeOf(content, controller.signal))) });
});
say({ ready: true });

async function outcomeOf(content, signal) {
  try {
    const { response, source } = await client.infer([{ role: "user", content }], {}, { signal });
    return { response, source };
  } catch (error) {
    return { error: error.name === "AbortError" ? error.name : error.code, message: error.message };
  }
}

function say(message) {
  if (process.connected) process.send(message);
}

function skewClock(ms) {
  const RealDate = Date;
  globalThis.Date = class extends RealDate {
    constructor(...args) {
      super(...(args.length === 0 ? [RealDate.now() + ms] : args));
    }
    static now() {
      return RealDate.now() + ms;
    }
  };
}
