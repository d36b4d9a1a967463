import type { ComponentChildren } from "preact";
import { PROTOCOL_VERSION } from "../../shared/protocol/limits.ts";
import { BUILD_HASH } from "../session/build-hash.ts";
import { common } from "./texts.ts";

interface PageFrameProps {
  readonly page: "volunteer" | "dashboard" | "operator";
  /** Absent: in English. */
  readonly texts?: typeof common;
  /** Beside the navigation. */
  readonly aside?: ComponentChildren;
  readonly children: ComponentChildren;
}

/** Header, navigation and footer, the same on every page. */
export function PageFrame({ page, texts = common, aside, children }: PageFrameProps) {
  return (
    <>
      {/* biome-ignore lint/a11y/useValidAnchor: it goes to a place of this page, only the address must stay as it is */}
      <a class="skip" href="#content" onClick={skip}>
        {texts.skip}
      </a>
      <header class="site-header">
        <div class="wrap">
          <a class="brand" href="/">
            <Mark />
            {texts.name}
          </a>
          <nav aria-label={texts.nav.label}>
            <a href="/" aria-current={page === "volunteer" ? "page" : undefined}>
              {texts.nav.volunteer}
            </a>
            <a href="/dashboard" aria-current={page === "dashboard" ? "page" : undefined}>
              {texts.nav.dashboard}
            </a>
            {page !== "volunteer" && (
              <a href="/operator" aria-current={page === "operator" ? "page" : undefined}>
                {texts.nav.operator}
              </a>
            )}
          </nav>
          {aside}
        </div>
      </header>
      <main id="content" class="wrap" tabindex={-1}>
        {children}
      </main>
      <footer class="wrap site-footer">{texts.footer(PROTOCOL_VERSION, BUILD_HASH)}</footer>
    </>
  );
}

/** The address stays: on the dashboard it says what is open. */
function skip(event: Event): void {
  event.preventDefault();
  document.getElementById("content")?.focus();
}

/** Four tabs: two answered, one is missing, the parity stands in for it. */
function Mark() {
  return (
    <svg class="mark" viewBox="0 0 20 20" width="22" height="22" aria-hidden="true" focusable="false">
      <rect x="0" y="0" width="9" height="9" rx="2" class="mark-tab" />
      <rect x="11" y="0" width="9" height="9" rx="2" class="mark-tab" />
      <rect x="0.75" y="11.75" width="7.5" height="7.5" rx="1.5" class="mark-gap" />
      <rect x="11" y="11" width="9" height="9" rx="2" class="mark-parity" />
    </svg>
  );
}
