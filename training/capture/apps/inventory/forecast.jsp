<%@ page contentType="application/json" import="java.util.*, java.util.logging.*" %><%
    // Forecasts demand; the horizon decides how much memory and time it takes.
    Logger log = Logger.getLogger("inventory.forecast");
    int days = Integer.parseInt(request.getParameter("days"));
    long pause = Long.parseLong(Objects.requireNonNullElse(request.getParameter("ms"), "5"));
    log.info("forecast over " + days + " days started");
    List<double[]> scenarios = new ArrayList<>();
    for (int day = 0; day < days; day++) scenarios.add(new double[25000]);
    Thread.sleep(pause);
    if (days > 60) log.warning("forecast over " + days + " days is unreliable");
    log.fine("forecast holds " + scenarios.size() + " scenarios");
    out.print("{\"scenarios\": " + scenarios.size() + "}");
%>
