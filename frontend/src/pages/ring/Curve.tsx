/** How good the model has become, against the labels that were bought. */
import { Skeleton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";

import { api, call } from "../../api/client.ts";
import { projectKey } from "../../api/live.ts";
import type { components } from "../../api/schema.ts";
import { Empty, Fetched } from "../../parts/index.tsx";
import { LineChart } from "../../parts/LineChart.tsx";
import { count, interval, percent } from "../../parts/numbers.ts";
import { Picture } from "../../parts/Picture.tsx";

type CurvePoint = components["schemas"]["PointOut"];
type Measured = CurvePoint & { accuracy: number };

export function Curve({ projectId }: { projectId: number }) {
  const { t } = useTranslation();
  const query = useQuery({
    queryKey: projectKey(projectId, "curve"),
    queryFn: () => call<components["schemas"]["Curve"]>(api.GET("/api/v1/projects/{project_id}/curve", { params: { path: { project_id: projectId } } })),
  });
  return (
    <Fetched query={query} loading={<Skeleton height={352} radius="md" />}>
      {({ points }) => <Drawn points={points.filter((point): point is Measured => point.accuracy !== null)} title={t("ring:curve")} />}
    </Fetched>
  );
}

function Drawn({ points, title }: { points: Measured[]; title: string }) {
  const { t } = useTranslation();
  const numbers = {
    head: [t("ring:round"), t("ring:labels"), t("ring:answers"), t("ring:accuracy"), t("ring:interval"), t("ring:automated")],
    rows: points.map((point) => [count(point.round), count(point.labels), count(point.answers), percent(point.accuracy), interval(point.low, point.high), percent(point.automated_share, 0)]),
  };
  const tell = (index: number) => {
    const point = points[index];
    return point ? [percent(point.accuracy), interval(point.low, point.high), t("ring:labels_n", { count: point.labels }), t("ring:round_n", { n: point.round })] : [];
  };
  const last = points.at(-1);
  return (
    <Picture title={title} note={last ? t("ring:curve_note", { accuracy: percent(last.accuracy), labels: count(last.labels) }) : undefined} file="learning-curve" numbers={numbers}>
      {points.length === 0 ? <Empty icon="chart" title={t("ring:curve_empty")}>{t("ring:curve_empty_text")}</Empty> : (
        <LineChart
          label={title}
          series={[{ name: t("ring:accuracy"), color: "var(--mg-accent)", points: points.map((point) => ({ x: point.labels, y: point.accuracy, low: point.low, high: point.high })) }]}
          xName={t("ring:labels")}
          sayX={count}
          sayY={(value) => percent(value, 0)}
          tell={tell}
          within={[0, 1]}
        />
      )}
    </Picture>
  );
}
