import { dashboard } from "../texts.ts";

/** Where a job waits for tabs: whoever reads that can give one. */
export function LendTab() {
  return (
    <a href="/" target="_blank" rel="noopener">
      {dashboard.tabs.openOne}
    </a>
  );
}
