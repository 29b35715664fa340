// Imports remem, then asks a stored and a new question. Prints what was loaded, opened and started.
import { existsSync } from "node:fs";
import { registerHooks } from "node:module";

const [cacheDir, baseURL] = process.argv.slice(2);
let sdk = false;
registerHooks({
  resolve(specifier, context, next) {
    if (specifier === "openai") sdk = true;
    return next(specifier, context);
  },
});

function traces() {
  return {
    sdk,
    sqlite: process.moduleLoadList.some((name) => name.endsWith(" sqlite")),
    files: existsSync(cacheDir),
    active: process.getActiveResourcesInfo().filter((name) => name !== "PipeWrap"),
  };
}

const { createRemem } = await import("remem");
const client = createRemem({ cacheDir, baseURL });
const made = traces();
const outcomes = [];
for (const content of ["Hi", "new"]) {
  const { source } = await client.infer([{ role: "user", content }]).catch(({ code }) => ({ source: code }));
  outcomes.push({ source, sdk });
}
await client.close();
console.log(JSON.stringify({ made, outcomes }));
