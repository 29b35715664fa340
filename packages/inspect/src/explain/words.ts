/** The words and pairs of words of a text, as a set of bits, in which a few others seem to be, too. */
export interface Words {
  readonly bits: Uint32Array;
  /** The binary logarithm of the number of bits. */
  readonly size: number;
  /** How many words and pairs the text has. */
  readonly count: number;
}

const LEAST_SIZE = 10;
const MOST_SIZE = 22;
/** A character needs this many bits, so that few other words seem to be in the set. A word has some six characters. */
const BITS_PER_CHARACTER = 16;

/** From here on scripts such as Chinese have words of one or a few characters, without blanks between them. */
const FIRST_WITHOUT_BLANKS = 0x2e80;
const OFFSET = 0x811c9dc5;
const PRIME = 0x01000193;

/** Whether an ASCII character is a letter or a digit. */
const IS_WORD: readonly boolean[] = Array.from({ length: 0x80 }, (_, unit) => /\w/.test(String.fromCharCode(unit)));

/** Only the start and the end of a longer text are compared. */
const LONGEST = 64 * 1024;

/** The words of a text, or of the start and the end of a long one. */
export function wordsOf(text: string): Words {
  return allWordsOf(bounded(text));
}

/** The words of a whole text. */
export function allWordsOf(text: string): Words {
  const wanted = Math.ceil(Math.log2(text.length * BITS_PER_CHARACTER + 1));
  const size = Math.min(MOST_SIZE, Math.max(LEAST_SIZE, wanted));
  const bits = new Uint32Array(2 ** (size - 5));
  const hashes = hashesOf(text);
  let before = OFFSET;
  for (const word of hashes) {
    const [one, other] = [word >>> (32 - size), pairOf(before, word) >>> (32 - size)];
    bits[one >>> 5]! |= 1 << (one & 31);
    bits[other >>> 5]! |= 1 << (other & 31);
    before = word;
  }
  return { bits, size, count: 2 * hashes.length };
}

/** The share of a text's words, and of its pairs of words, that are in the set, from 0 to 1. A longer or shorter text is less alike. */
export function likeness(text: string, words: Words): number {
  const { shared, count } = sharedWith(words, bounded(text));
  const most = Math.max(count, words.count);
  return most === 0 ? 1 : shared / most;
}

/** The share of the words of a sample, and of pairs of them, that are in the set, from 0 to 1. */
export function shareOfSample(sample: string, words: Words): number {
  const { shared, count } = sharedWith(words, sample);
  return count === 0 ? 0 : shared / count;
}

function bounded(text: string): string {
  return text.length <= LONGEST ? text : `${text.slice(0, LONGEST / 2)} ${text.slice(-LONGEST / 2)}`;
}

function sharedWith({ bits, size }: Words, text: string): { readonly shared: number; readonly count: number } {
  const shift = 32 - size;
  const hashes = hashesOf(text);
  let shared = 0;
  let before = OFFSET;
  for (let index = 0; index < hashes.length; index++) {
    const word = hashes[index]!;
    const one = word >>> shift;
    const other = pairOf(before, word) >>> shift;
    shared += ((bits[one >>> 5]! >>> (one & 31)) & 1) + ((bits[other >>> 5]! >>> (other & 31)) & 1);
    before = word;
  }
  return { shared, count: 2 * hashes.length };
}

const pairOf = (before: number, word: number): number => Math.imul(word ^ (before >>> 15) ^ before, PRIME);

let list = new Uint32Array(0);

/** The hashes of the words of a text (FNV-1a), in a list that the next call reuses, because there are millions of them. */
function hashesOf(text: string): Uint32Array {
  if (list.length < text.length) list = new Uint32Array(Math.max(text.length, LONGEST));
  let count = 0;
  let hash = OFFSET;
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    if (unit < 0x80 ? IS_WORD[unit] : unit < FIRST_WITHOUT_BLANKS) hash = Math.imul(hash ^ unit, PRIME);
    else {
      if (hash !== OFFSET) list[count++] = hash;
      if (unit >= FIRST_WITHOUT_BLANKS) list[count++] = Math.imul(OFFSET ^ unit, PRIME);
      hash = OFFSET;
    }
  }
  if (hash !== OFFSET) list[count++] = hash;
  return list.subarray(0, count);
}
