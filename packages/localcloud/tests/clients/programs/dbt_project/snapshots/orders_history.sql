{% snapshot orders_history %}
{{ config(target_schema='dbt_clients', unique_key='id', strategy='check', check_cols=['amount']) }}
select id, customer, amount from {{ ref('orders') }}
{% endsnapshot %}
