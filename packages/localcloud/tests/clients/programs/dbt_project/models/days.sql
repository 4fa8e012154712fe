{{ config(materialized='incremental', incremental_strategy='insert_overwrite', partitioned_by=['day'], format='parquet') }}
select id, amount, cast(day as date) as day from {{ ref('orders') }}
{% if is_incremental() %} where cast(day as date) >= date '2020-01-02' {% endif %}
