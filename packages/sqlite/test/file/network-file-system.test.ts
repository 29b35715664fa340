import { expect, onTestFinished, test, vi } from "vitest";
import { networkFileSystem } from "../../src/file/network-file-system.ts";
import { sqliteStore } from "../../src/index.ts";
import { watchWarnings } from "../damage.ts";
import { connectTo, temporaryFile } from "../temporary.ts";

vi.mock("../../src/file/network-file-system.ts", () => ({ networkFileSystem: vi.fn(() => "NFS") }));

test("on a network file system a new file has a rollback journal, and one warning says what may happen", async () => {
  const warnings = watchWarnings();
  for (const path of [temporaryFile(), temporaryFile()]) {
    const store = sqliteStore({ path });
    onTestFinished(() => store.close());
    await store.set("k", "v");
    expect(await store.get("k")).toBe("v");
    expect(connectTo(path).prepare("PRAGMA journal_mode").get()).toEqual({ journal_mode: "delete" });
  }
  expect(networkFileSystem).toHaveBeenCalledWith(expect.any(Number));
  expect(warnings.mock.calls).toEqual([
    [expect.stringContaining("on a network file system (NFS)"), { type: "RememWarning", code: "REMEM_SQLITE_NETWORK" }],
  ]);
});
