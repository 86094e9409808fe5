/** One item: what it is, what people and models say of it, and its whole life as a line. */
import { Anchor, Box, Button, Group } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link, useParams, useRouter } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";

import type { Project } from "../../api/types.ts";
import { useProject } from "../../app/project.ts";
import { useProjectId } from "../../app/router.tsx";
import { Fetched, Icon, Page } from "../../parts/index.tsx";
import { Item } from "../../work/views/index.tsx";
import { contentOf, itemQuery, type ItemLife } from "../items/api.ts";
import classes from "./Item.module.css";
import { LifeLine } from "./LifeLine.tsx";
import { Said } from "./Said.tsx";

export default function ItemPage() {
  const projectId = useProjectId();
  const { itemId } = useParams({ strict: false });
  const project = useProject(projectId);
  const item = useQuery(itemQuery(projectId, Number(itemId)));
  return <Fetched query={project}>{(about) => <Fetched query={item}>{(life) => <Life project={about} item={life} />}</Fetched>}</Fetched>;
}

function Life({ project, item }: { project: Project; item: ItemLife }) {
  const { t } = useTranslation();
  const router = useRouter();
  const shown = { ...item, url: item.text == null ? contentOf(project.id, item.id) : null };
  const meta = Object.entries(item.meta);
  return (
    <Page
      wide
      title={item.key ?? t("items:item_n", { n: item.id })}
      note={[t(`items:state_${item.state}`), t(`items:split_${item.split}`, { defaultValue: item.split })].join(" · ")}
      actions={
        <Group gap="xs">
          <Button variant="default" leftSection={<Icon name="left" size={16} />} onClick={() => { if (router.history.canGoBack()) router.history.back(); else void router.navigate({ to: `/projects/${project.id}/items` }); }}>{t("items:to_items")}</Button>
          {shown.url && <Button variant="default" component="a" href={shown.url} download leftSection={<Icon name="download" size={16} />}>{t("items:download")}</Button>}
        </Group>
      }
    >
      <div className={classes.columns}>
        <Box className={classes.item}><Item item={shown} /></Box>
        <div>
          <Said project={project} item={item} />
          {meta.length > 0 && (
            <dl className={classes.meta}>
              {meta.map(([name, value]) => <div key={name}><dt>{name}</dt><dd>{typeof value === "string" ? value : JSON.stringify(value)}</dd></div>)}
            </dl>
          )}
          <LifeLine rows={item.life} />
          <Anchor component={Link} to={`/projects/${project.id}/items`} className="mg-skip">{t("items:to_items")}</Anchor>
        </div>
      </div>
    </Page>
  );
}
