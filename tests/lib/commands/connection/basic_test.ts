// PING, ECHO, SELECT, QUIT, RESET.

import { cases } from "../../../kit/cases.ts";

cases("PING", [
  ["alone", ["PING"], "+PONG"],
  ["with a message", ["PING 'a b'"], "$3 a b"],
  ["with two", ["PING a b"], "-ERR wrong number of arguments for 'ping' command"],
]);

cases("ECHO", [
  ["bytes", ['ECHO "a\\x00\\xff"'], "$3 a\0\xff"],
  ["empty", ['ECHO ""'], /^\$0/],
]);

cases("SELECT", [
  ["another database", ["SET k 0", "SELECT 1", "EXISTS k"], ":0"],
  ["and back", ["SET k 0", "SELECT 1", "SELECT 0", "EXISTS k"], ":1"],
  ["the last", ["SELECT 15"], "+OK"],
  ["one too many", ["SELECT 16"], "-ERR DB index is out of range"],
  ["negative", ["SELECT -1"], "-ERR DB index is out of range"],
  ["no number", ["SELECT x"], "-ERR value is not an integer or out of range"],
  ["beyond 32 bits", ["SELECT 2147483648"], /^-ERR value is out of range, value must between /],
  ["below 32 bits", ["SELECT -2147483649"], /^-ERR value is out of range, value must between /],
]);

cases("QUIT", [
  ["says OK", ["QUIT"], "+OK"],
  ["ignores arguments", ["QUIT now"], "+OK"],
]);

cases("RESET", [
  ["says so", ["RESET"], "+RESET"],
  ["leaves MULTI", ["MULTI", "RESET", "EXEC"], "-ERR EXEC without MULTI"],
  ["goes to database 0", ["SELECT 3", "SET k v", "RESET", "EXISTS k"], ":0"],
  ["forgets the name", ["CLIENT SETNAME me", "RESET", "CLIENT GETNAME"], "$-1"],
  ["keeps the library", ["CLIENT SETINFO lib-name x", "RESET", "CLIENT INFO"], /lib-name=x /],
  ["keeps capabilities", ["CLIENT CAPA redirect", "RESET", "CLIENT INFO"], /capa=r /],
  ["lets keys be touched again", ["CLIENT NO-TOUCH on", "RESET", "CLIENT INFO"], /flags=N /],
  ["goes back to RESP2", ["HELLO 3", "RESET", "GET missing"], "$-1"],
  ["ends CLIENT REPLY OFF", ["CLIENT REPLY OFF", "RESET", "PING"], "+PONG"],
  ["is itself left out after SKIP", ["CLIENT REPLY SKIP", "RESET"], ""],
]);
