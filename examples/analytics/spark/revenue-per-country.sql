-- Orders per country, how many of them were shipped, and what those are worth in pounds.
WITH orders AS (
  SELECT
    get_json_object(input, '$.shipping.country') AS country,
    get_json_object(result, '$.trackingNumber') IS NOT NULL AS shipped,
    aggregate(
      from_json(get_json_object(input, '$.lines'), 'array<struct<quantity: bigint, unitPrice: double>>'),
      0D,
      (sum, line) -> sum + line.quantity * line.unitPrice
    ) AS pounds
  FROM perdure.durable.workflow_executions
  WHERE workflow_type = 'processOrder'
)
SELECT
  country,
  count(*) AS orders,
  count_if(shipped) AS shipped,
  round(coalesce(sum(pounds) FILTER (WHERE shipped), 0), 2) AS revenue
FROM orders
GROUP BY country
ORDER BY revenue DESC, country
