/** Values of `f_type` of statfs(2) from Linux's `magic.h`. Other systems use small numbers. */
const NAMES: ReadonlyMap<number, string> = new Map([
  [0x6969, "NFS"],
  [0x517b, "SMB"],
  [0xfe534d42, "SMB"],
  [0xff534d42, "CIFS"],
  [0x01021997, "9P"],
  [0x00c36400, "Ceph"],
  [0x0bd00bd0, "Lustre"],
  [0x47504653, "GPFS"],
  [0x5346414f, "AFS"],
  [0x6b414653, "AFS"],
  [0x73757245, "Coda"],
  [0x786f4256, "a VirtualBox shared folder"],
  // Sshfs, and folders that a virtual machine shares with its host. Local FUSE file systems look the same.
  [0x65735546, "FUSE"],
]);

/** Returns the name of a file system that several hosts may share, and whose locks are therefore unreliable. */
export function networkFileSystem(type: number): string | undefined {
  return NAMES.get(type);
}
