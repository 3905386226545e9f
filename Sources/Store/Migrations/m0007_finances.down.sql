drop table budget_alerts;
drop table budgets;
drop table category_rules;
drop table finance_transactions;
drop table finance_categories;
