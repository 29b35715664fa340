// Uses each adapter that the facade loads on demand, and prints how to install those that are missing.
import { CacheOpenAI, createRemem, storeFromUrl } from "remem";

const uses = [
  () => new CacheOpenAI({ cacheDir: "cache", useAzure: true }),
  () => createRemem({ model: "Qwen/Qwen3-8B", store: "memory:" }),
  () => storeFromUrl("redis://localhost"),
];
for (const use of uses) {
  try {
    use();
    console.log("there");
  } catch ({ code, message }) {
    console.log(code === "MISSING_PACKAGE" ? /npm install [@\w/]+/.exec(message)[0] : message);
  }
}
