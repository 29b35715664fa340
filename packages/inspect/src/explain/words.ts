/** The words and pairs of words of a text, as a set in which a few others seem to be, too. */
export interface Words {
  readonly bits: Uint32Array;
  /** The binary logarithm of the number of bits. */
  readonly size: number;
  /** How many words and pairs the text has. */
  readonly count: number;
}

const LEAST_SIZE = 10;
const MOST_SIZE = 22;
/** A character needs so many bits for few others to seem to be in the set: a word has some six characters. */
const BITS_PER_CHARACTER = 16;

/** From here on scripts such as Chinese have words of one or a few characters, without blanks between them. */
const FIRST_WITHOUT_BLANKS = 0x2e80;
const OFFSET = 0x811c9dc5;
const PRIME = 0x01000193;

/** Whether an ASCII character is a letter or a digit. */
const IS_WORD: readonly boolean[] = Array.from({ length: 0x80 }, (_, unit) => /\w/.test(String.fromCharCode(unit)));

/** Of a longer text, the start and the end are compared. */
const LONGEST = 64 * 1024;

export function wordsOf(whole: string): Words {
  const text = bounded(whole);
  const wanted = Math.ceil(Math.log2(text.length * BITS_PER_CHARACTER + 1));
  const size = Math.min(MOST_SIZE, Math.max(LEAST_SIZE, wanted));
  const bits = new Uint32Array(2 ** (size - 5));
  const count = scan(text, size, (place) => {
    bits[place >>> 5]! |= 1 << (place & 31);
  });
  return { bits, size, count };
}

/** How many of a text's words, and of its pairs of words, are among these, from 0 to 1. A longer or shorter text is less alike. */
export function likeness(text: string, { bits, size, count }: Words): number {
  let shared = 0;
  const total = scan(bounded(text), size, (place) => {
    shared += (bits[place >>> 5]! >>> (place & 31)) & 1;
  });
  const most = Math.max(total, count);
  return most === 0 ? 1 : shared / most;
}

function bounded(text: string): string {
  return text.length <= LONGEST ? text : `${text.slice(0, LONGEST / 2)} ${text.slice(-LONGEST / 2)}`;
}

/** Takes the place of every word and pair of words in the set, and returns how many there are. A hash (FNV-1a) is their place. */
function scan(text: string, size: number, take: (place: number) => void): number {
  let count = 0;
  let before = OFFSET;
  let hash = OFFSET;
  function end(): void {
    take(hash >>> (32 - size));
    take(Math.imul(hash ^ (before >>> 15) ^ before, PRIME) >>> (32 - size));
    count += 2;
    before = hash;
    hash = OFFSET;
  }
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    if (unit < 0x80 ? IS_WORD[unit] : unit < FIRST_WITHOUT_BLANKS) hash = Math.imul(hash ^ unit, PRIME);
    else {
      if (hash !== OFFSET) end();
      if (unit < FIRST_WITHOUT_BLANKS) continue;
      hash = Math.imul(hash ^ unit, PRIME);
      end();
    }
  }
  if (hash !== OFFSET) end();
  return count;
}
