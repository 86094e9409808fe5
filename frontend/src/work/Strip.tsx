/** The line above the item: how far the set is, my pace, guidelines and keys. Nothing else. */
import { Checkbox, Menu } from "@mantine/core";
import { useTranslation } from "react-i18next";

import { Icon, Key } from "../parts/index.tsx";
import { count, duration } from "../parts/numbers.ts";
import classes from "./Desk.module.css";
import type { Progress, SetProgress } from "./progress.ts";
import { usePrefs } from "./useDesk.ts";

interface Props {
  progress: Progress | undefined;
  set: SetProgress | null;
  /** Answers of this visit that the progress does not know yet. */
  guidelines: boolean;
  showGuidelines: (() => void) | null;
  showKeys: () => void;
}

export function Strip({ progress, set, guidelines, showGuidelines, showKeys }: Props) {
  const { t } = useTranslation();
  const share = set && set.wanted > 0 ? Math.min(set.given / set.wanted, 1) : 0;
  const mine = progress?.mine;
  return (
    <div>
      <div className={classes.track} role="progressbar" aria-label={t("work:set_progress")} aria-valuemin={0} aria-valuemax={set?.wanted ?? 0} aria-valuenow={set?.given ?? 0}>
        <div style={{ width: `${share * 100}%` }} />
      </div>
      <div className={classes.line}>
        {set && <span className="mg-num"><strong>{count(set.given)}</strong> / {t("work:answers_n", { count: set.wanted, n: count(set.wanted) })}</span>}
        {mine && <span className={`${classes.pace} mg-num`}>{t("work:today_n", { n: count(mine.today) })}{mine.seconds_median != null && ` · ${t("work:pace", { time: duration(mine.seconds_median) })}`}</span>}
        <span className={classes.spring} />
        <div className={classes.tools}>
          {showGuidelines && (
            <button type="button" className={classes.tool} aria-pressed={guidelines} aria-keyshortcuts="h" onMouseDown={stay} onClick={showGuidelines}>
              <Icon name="book" size={17} /><span className={classes.word}>{t("work:guidelines")}</span><span className={classes.keyword} aria-hidden><Key>H</Key></span>
            </button>
          )}
          <Likes />
          <button type="button" className={classes.tool} aria-label={t("work:keys")} onMouseDown={stay} onClick={showKeys}>
            <Icon name="keyboard" size={17} /><span className={classes.keyword}><Key>?</Key></span>
          </button>
        </div>
      </div>
    </div>
  );
}

function stay(event: React.MouseEvent): void {
  event.preventDefault();
}

/** How I like the desk. */
function Likes() {
  const { t } = useTranslation();
  const [prefs, change] = usePrefs();
  return (
    <Menu position="bottom-end" width={300} closeOnItemClick={false}>
      <Menu.Target>
        <button type="button" className={classes.tool} aria-label={t("work:likes")}><Icon name="settings" size={17} /></button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item component="label" leftSection={<Checkbox checked={prefs.goOn} onChange={(event) => change({ goOn: event.currentTarget.checked })} aria-label={t("work:go_on")} />}>
          {t("work:go_on")}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
