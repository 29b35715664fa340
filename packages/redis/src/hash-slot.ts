/**
 * The cluster slot of a Redis key: CRC16 (XMODEM) of its hash tag, or of the whole key, modulo 16,384.
 * Implemented here because the types of the package `cluster-key-slot` do not compile.
 * https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/#hash-tags
 */
export function slotOf(key: string): number {
  const [, tag = key] = /^[^{]*\{([^}]+)\}/s.exec(key) ?? [];
  let crc = 0;
  for (const byte of Buffer.from(tag)) {
    crc ^= byte << 8;
    for (let bit = 0; bit < 8; bit++) crc = crc & 0x8000 ? (crc << 1) ^ 0x1021 : crc << 1;
  }
  return crc & 0x3fff;
}
