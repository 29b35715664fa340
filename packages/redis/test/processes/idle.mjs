// Argument: the URL of a Redis. Reports what creating a store has loaded and started, and what its first use has.
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
// The store stays open and the lease is held; neither may keep the process alive.
process.disconnect();
