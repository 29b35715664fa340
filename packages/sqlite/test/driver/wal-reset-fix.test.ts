import { expect, test } from "vitest";
import { hasWalResetFix } from "../../src/driver/wal-reset-fix.ts";

test("the fix is in 3.51.3 and what follows, and in the late releases of two older lines", () => {
  for (const version of ["3.51.3", "3.51.4", "3.52.0", "3.53.4", "3.100.0", "4.0.0", "3.50.7", "3.50.10", "3.44.6"]) {
    expect([version, hasWalResetFix(version)]).toEqual([version, true]);
  }
  for (const version of ["3.51.2", "3.51.0", "3.50.6", "3.49.9", "3.45.0", "3.44.5", "3.43.9", "3.7.17", "2.8.17"]) {
    expect([version, hasWalResetFix(version)]).toEqual([version, false]);
  }
});
