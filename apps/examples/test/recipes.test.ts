import { readdirSync } from "node:fs";
import { expect, test } from "vitest";
import { clientNames, programs, recipePages } from "./recipes/pages.ts";

const pages = recipePages();

// `pnpm vitest run recipes -u` writes them anew. Other tests run the programs in them.
test.each([...pages.keys()])("docs/recipes/%s is made of the programs", async (file) => {
  await expect(pages.get(file)).toMatchFileSnapshot(`../../../docs/recipes/${file}`);
});

test("each program for a client has a recipe, and no other page is there", () => {
  expect(clientNames().toSorted()).toEqual(["openai", ...programs("clients")].toSorted());
  expect(readdirSync(new URL("../../../docs/recipes/", import.meta.url)).toSorted()).toEqual(
    [...pages.keys()].toSorted(),
  );
});
