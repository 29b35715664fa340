// Argument: the URL of a Redis. Makes a store, and says what that alone has loaded and started, and what its first use has.
import { registerHooks } from "node:module";
import { redisStore } from "@remem/redis";

let isLoaded = false;
registerHooks({
  resolve(specifier, context, nextResolve) {
    if (specifier === "@redis/client") isLoaded = true;
    return nextResolve(specifier, context);
  },
});
const state = () => ({
  isLoaded,
  started: process.getActiveResourcesInfo().filter((resource) => /Timeout|Immediate|TCP|TLS/.test(resource)),
});

const store = redisStore({ url: process.argv[2] });
const made = state();
await store.set("k", "v");
await store.flights.enter("k");
process.send({ made, used: state() });
// The store stays open, and the lead is not given up: that must not keep the process.
process.disconnect();
