// sha1.ts: the SHA-1 message digest of a byte range. Not for secrets: it names data sets (DEBUG DIGEST) and scripts.
//
// The message is taken in blocks of 64 bytes; the last one is padded with 0x80, zeros and the length in bits, 8 bytes
// big endian. Five words of state go through 80 rounds a block; the first 16 schedule words are the block, the others
// w[t] = rotl1(w[t-3] ^ w[t-8] ^ w[t-14] ^ w[t-16]).
//
// EXAMPLE  "abc" -> a9993e36 4706816a ba3e2571 7850c26c 9cd0d89d
// LIMITS   2^31 bytes
// COST     about 5 ns a byte
//
// Source: FIPS 180-4, "Secure Hash Standard", section 6.1.

export const SHA1_BYTES = 20;

const BLOCK_BYTES = 64;
const LENGTH_OFF = 56;
const ROUNDS = 80;

const schedule = new Int32Array(ROUNDS);
const tail = new Uint8Array(2 * BLOCK_BYTES);
const state = new Int32Array(5);

/** Writes the digest of buf[off, off+len) to out[outOff, outOff+20); the ranges may be the same. */
export function sha1(
  buf: Uint8Array,
  off: number,
  len: number,
  out: Uint8Array,
  outOff: number,
): void {
  state[0] = 0x67452301;
  state[1] = 0xefcdab89 | 0;
  state[2] = 0x98badcfe | 0;
  state[3] = 0x10325476;
  state[4] = 0xc3d2e1f0 | 0;
  const whole = len - len % BLOCK_BYTES;
  for (let at = 0; at < whole; at += BLOCK_BYTES) block(buf, off + at);
  const rest = len - whole;
  tail.fill(0);
  for (let i = 0; i < rest; i++) tail[i] = buf[off + whole + i];
  tail[rest] = 0x80;
  const end = rest < LENGTH_OFF ? BLOCK_BYTES : 2 * BLOCK_BYTES;
  writeWord(tail, end - 8, len / 0x20000000 | 0);
  writeWord(tail, end - 4, len << 3);
  for (let at = 0; at < end; at += BLOCK_BYTES) block(tail, at);
  for (let i = 0; i < 5; i++) writeWord(out, outOff + 4 * i, state[i]);
}

function writeWord(buf: Uint8Array, off: number, word: number): void {
  buf[off] = word >>> 24;
  buf[off + 1] = word >>> 16;
  buf[off + 2] = word >>> 8;
  buf[off + 3] = word;
}

function block(buf: Uint8Array, off: number): void {
  const w = schedule;
  for (let t = 0, at = off; t < 16; t++, at += 4) {
    w[t] = buf[at] << 24 | buf[at + 1] << 16 | buf[at + 2] << 8 | buf[at + 3];
  }
  for (let t = 16; t < ROUNDS; t++) {
    const mixed = w[t - 3] ^ w[t - 8] ^ w[t - 14] ^ w[t - 16];
    w[t] = mixed << 1 | mixed >>> 31;
  }
  let a = state[0];
  let b = state[1];
  let c = state[2];
  let d = state[3];
  let e = state[4];
  for (let t = 0; t < ROUNDS; t++) {
    let f: number;
    if (t < 20) f = ((b & c) | (~b & d)) + 0x5a827999;
    else if (t < 40) f = (b ^ c ^ d) + 0x6ed9eba1;
    else if (t < 60) f = ((b & c) | (b & d) | (c & d)) + 0x8f1bbcdc;
    else f = (b ^ c ^ d) + 0xca62c1d6;
    const next = ((a << 5 | a >>> 27) + f + e + w[t]) | 0;
    e = d;
    d = c;
    c = b << 30 | b >>> 2;
    b = a;
    a = next;
  }
  state[0] = (state[0] + a) | 0;
  state[1] = (state[1] + b) | 0;
  state[2] = (state[2] + c) | 0;
  state[3] = (state[3] + d) | 0;
  state[4] = (state[4] + e) | 0;
}
