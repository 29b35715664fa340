// Uses any store: REMEM_STORE names it. For a store without a URL, such as a Keyv, change one line.
import { createRemem, storeFromUrl } from "remem";

const store = storeFromUrl();

await using client = createRemem({ store });
const questions = ["Name a sea.", "Name a bay.", "Name a sea."];

for (const pass of ["first", "second"]) {
  const results = await client.batchInfer(questions);
  const answers = results.map((result) => (result.error ? result.error.code : result.response));
  console.log(`${pass} pass, ${client.stats().providerCalls} calls paid for so far: ${answers.join(" | ")}`);
}
