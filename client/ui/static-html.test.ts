import { Fragment, h } from "preact";
import { expect, test } from "vitest";
import { staticHtml } from "./static-html.ts";

test("a component's HTML has its attributes and texts, escaped, and nothing that only scripts do", () => {
  const Link = ({ to, children }: { to: string; children: string }) =>
    h("a", { href: to, class: undefined, "aria-current": "page", onClick: () => {} }, children);
  const drawn = h(
    Fragment,
    null,
    h(Link, { to: '/?a="b"&c', children: "Tom & <Jerry>" }),
    [false, null, 3],
    h("main", { tabIndex: -1, hidden: true }, h("svg", { viewBox: "0 0 1 1" })),
  );
  expect(staticHtml(drawn)).toBe(
    '<a href="/?a=&quot;b&quot;&amp;c" aria-current="page">Tom &amp; &lt;Jerry&gt;</a>3<main tabindex="-1" hidden><svg viewBox="0 0 1 1"></svg></main>',
  );
});
