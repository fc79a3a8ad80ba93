import assert from "node:assert/strict";
import { test } from "node:test";
import { isSecretLine } from "../../cli/history_secrets.ts";
import { bytesOf } from "../kit/resp.ts";

const secret = [
  "auth password",
  "AUTH user password",
  "3 auth password",
  'auth "open quote',
  "'auth' x",
  "acl setuser bob >pw",
  "ACL GETUSER bob",
  "acl deluser bob",
  "config set requirepass x",
  "CONFIG SET maxmemory 1 masterauth x",
  "config set primaryauth x",
  "config set masteruser x",
  "config set primaryuser x",
  "config set tls-key-file-pass x",
  "config set tls-client-key-file-pass x",
  "hello 3 auth bob pw",
  "hello 3 setname x auth bob pw",
  'migrate h 1 "" 0 1 auth pw',
  'migrate h 1 "" 0 1 copy AUTH2 bob pw keys a',
  "sentinel set main auth-pass x",
  "sentinel set main down-after 1 auth-user x",
  "sentinel config set sentinel-pass x",
  "SENTINEL CONFIG SET sentinel-user x",
  "99999999999999999999 auth x",
];

const harmless = [
  "get auth",
  "ping",
  "acl list",
  "acl whoami",
  "config get requirepass",
  "config set maxmemory 1",
  "config set appendonly auth",
  "hello 3",
  "hello 3 setname auth1",
  "sentinel masters",
  "3 ping",
  "",
];

for (const line of secret) {
  test(`history: ${line} is secret`, () => assert.equal(isSecretLine(bytesOf(line)), true));
}
for (const line of harmless) {
  test(`history: ${line} is not secret`, () => assert.equal(isSecretLine(bytesOf(line)), false));
}
