/** A vector as a server gives it: numbers, or the base64 of little-endian 32-bit floats. */
export type Vector = string | readonly number[];

/** Whether a value is a list of numbers. */
export function isVector(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every((number) => typeof number === "number");
}

/** The vector in the form that the caller asked for. */
export function inFormat(vector: Vector, isBase64: boolean): Vector {
  if (isBase64) return typeof vector === "string" ? vector : toBase64(vector);
  return typeof vector === "string" ? toNumbers(vector) : vector;
}

const BYTES = 4;

function toBase64(numbers: readonly number[]): string {
  const bytes = new DataView(new ArrayBuffer(numbers.length * BYTES));
  for (const [index, number] of numbers.entries()) bytes.setFloat32(index * BYTES, number, true);
  return Buffer.from(bytes.buffer).toString("base64");
}

function toNumbers(base64: string): number[] {
  const { buffer, byteOffset, byteLength } = Buffer.from(base64, "base64");
  const bytes = new DataView(buffer, byteOffset, byteLength);
  return Array.from({ length: byteLength / BYTES }, (_, index) => shortest(bytes.getFloat32(index * BYTES, true)));
}

/** The shortest decimal of a 32-bit float, which servers write: nine digits are always enough. */
function shortest(float: number): number {
  for (let digits = 6; digits < 9; digits++) {
    const number = Number(float.toPrecision(digits));
    if (Math.fround(number) === float) return number;
  }
  return Number(float.toPrecision(9));
}
