-- Orders per country, how many of them were shipped, and what those are worth in pounds.
WITH orders AS (
  SELECT
    input->>'$.shipping.country' AS country,
    result->>'$.trackingNumber' IS NOT NULL AS shipped,
    list_sum(
      list_transform(
        from_json(input->'$.lines', '[{"quantity": "BIGINT", "unitPrice": "DOUBLE"}]'),
        lambda line: line.quantity * line.unitPrice
      )
    ) AS pounds
  FROM workflow_executions
  WHERE workflow_type = 'processOrder'
)
SELECT
  country,
  count(*) AS orders,
  count(*) FILTER (WHERE shipped) AS shipped,
  round(coalesce(sum(pounds) FILTER (WHERE shipped), 0), 2) AS revenue
FROM orders
GROUP BY country
ORDER BY revenue DESC, country
