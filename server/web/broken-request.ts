/**
 * What comes for what is no HTTP, or never comes to its end: a short answer in the form of all others, and the connection is
 * closed. Nothing is logged: what was sent may hold a token.
 */
import type { Socket } from "node:net";
import { errorBody } from "./api-failure.ts";

const ANSWERS: Readonly<Record<string, readonly [status: string, code: string, message: string]>> = {
  HPE_HEADER_OVERFLOW: [
    "431 Request Header Fields Too Large",
    "too-large",
    "headers: expected at most 16 KiB, got more",
  ],
  ERR_HTTP_REQUEST_TIMEOUT: ["408 Request Timeout", "too-slow", "expected the whole request in time, got a part of it"],
};
const NO_HTTP = ["400 Bad Request", "bad-request", "expected an HTTP request, got something else"] as const;

export function answerBrokenRequest(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === "ECONNRESET" || !socket.writable) {
    socket.destroy();
    return;
  }
  const [status, code, message] = ANSWERS[error.code ?? ""] ?? NO_HTTP;
  const body = JSON.stringify(errorBody({ code, message }));
  const head = `HTTP/1.1 ${status}\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\nconnection: close`;
  socket.end(`${head}\r\n\r\n${body}`, () => socket.destroy());
}
