/** `f_type` of statfs(2), as Linux's `magic.h` has it; other systems count from zero. */
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
  [0x786f4256, "a shared folder of VirtualBox"],
  // Sshfs, and what a virtual machine shares with its host. Local ones cannot be told from these.
  [0x65735546, "FUSE"],
]);

/** The name of a kind of file system on which several hosts may work, without the promises that a lock needs. */
export function networkFileSystem(type: number): string | undefined {
  return NAMES.get(type);
}
