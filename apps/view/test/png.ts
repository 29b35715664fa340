import { crc32, deflateSync } from "node:zlib";

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type), data]);
  const framed = Buffer.alloc(body.length + 8);
  framed.writeUInt32BE(data.length);
  body.copy(framed, 4);
  framed.writeUInt32BE(crc32(body), body.length + 4);
  return framed;
}

/** A picture of many colours, as a `data:` address. */
export function pngOf(width: number, height: number): string {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2], 8); // Eight bits for each of red, green and blue.
  const line = 1 + 3 * width;
  const pixels = Buffer.alloc(line * height);
  for (let at = 0; at < pixels.length; at++) pixels[at] = at % line === 0 ? 0 : (at * 31) ^ (at >> 7);
  const parts = [chunk("IHDR", header), chunk("IDAT", deflateSync(pixels)), chunk("IEND", Buffer.alloc(0))];
  const bytes = Buffer.concat([Buffer.from("89504e470d0a1a0a", "hex"), ...parts]);
  return `data:image/png;base64,${bytes.toString("base64")}`;
}
