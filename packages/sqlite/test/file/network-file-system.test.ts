import { expect, test } from "vitest";
import { networkFileSystem } from "../../src/file/network-file-system.ts";

test("network file systems are recognized by their type, and no local one is", () => {
  for (const [type, name] of Object.entries({ 26985: "NFS", 20859: "SMB", 4283649346: "CIFS", 1702057286: "FUSE" })) {
    expect(networkFileSystem(Number(type))).toBe(name);
  }
  // ext4, btrfs, xfs, tmpfs, overlayfs, zfs, and small numbers as on other systems.
  for (const type of [0xef53, 0x9123683e, 0x58465342, 0x01021994, 0x794c7630, 0x2fc12fc1, 0, 26]) {
    expect(networkFileSystem(type)).toBeUndefined();
  }
});
