-- The sample database `shop`, as a small company's might be. jobs/tables/ describes what the pipeline reads.
CREATE SCHEMA crm;
CREATE SCHEMA sales;

CREATE TABLE crm.customers (
    customer_id bigint PRIMARY KEY,
    name text NOT NULL,
    email text,
    country char(2),
    tags text[],
    profile jsonb,
    external_id uuid,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);
CREATE INDEX ON crm.customers (updated_at);

-- Known duplicates: the first id is the same person as the second.
CREATE TABLE crm.customer_links (
    duplicate_id bigint PRIMARY KEY,
    customer_id bigint NOT NULL
);

-- Not described in jobs/tables/, so a run says that it found it.
CREATE TABLE crm.newsletter (
    email text NOT NULL,
    subscribed boolean NOT NULL
);

CREATE TYPE sales.order_status AS ENUM ('placed', 'shipped', 'cancelled');

-- Without a foreign key, as in many a real one: rows may name no customer, or one that is gone.
CREATE TABLE sales.orders (
    order_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    customer_id bigint,
    ordered_at timestamptz NOT NULL,
    status sales.order_status NOT NULL,
    items int NOT NULL,
    amount numeric(12, 2) NOT NULL,
    currency char(3) NOT NULL,
    updated_at timestamptz NOT NULL
);
CREATE INDEX ON sales.orders (updated_at);

CREATE TABLE sales.refunds (
    refund_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    order_id bigint NOT NULL,
    refunded_at timestamptz NOT NULL,
    amount numeric(12, 2) NOT NULL
);

CREATE TABLE sales.exchange_rates (
    currency char(3),
    valid_from date,
    rate_to_usd numeric(18, 8) NOT NULL,
    PRIMARY KEY (currency, valid_from)
);

CREATE VIEW sales.monthly_revenue AS
SELECT
    date_trunc('month', ordered_at AT TIME ZONE 'UTC')::date AS month,
    currency,
    count(*) AS orders,
    sum(amount) AS revenue
FROM sales.orders
WHERE status <> 'cancelled'
GROUP BY 1, 2;
